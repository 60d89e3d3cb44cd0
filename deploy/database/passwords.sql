-- Gives the three roles their passwords, from files: psql runs this after roles.sql when docker-compose.yml first makes the
-- database. A password that changes later is changed by hand (\password klantreis_writer), and in .env.
\set migrator `cat /run/secrets/migrator_password`
\set writer `cat /run/secrets/writer_password`
\set reader `cat /run/secrets/reader_password`
ALTER ROLE klantreis_migrator PASSWORD :'migrator';
ALTER ROLE klantreis_writer PASSWORD :'writer';
ALTER ROLE klantreis_reader PASSWORD :'reader';
