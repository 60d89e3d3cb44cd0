-- What customers wrote, by what it is about, so that it is found without the rest of the answer.
ALTER TABLE answer_texts ADD COLUMN journey text, ADD COLUMN touchpoint text;
UPDATE answer_texts SET journey = cases.journey, touchpoint = survey_answers.touchpoint
FROM survey_answers JOIN cases USING (case_key)
WHERE answer_texts.source = survey_answers.source AND answer_texts.answer_id = survey_answers.answer_id;
CREATE INDEX answer_texts_journey ON answer_texts (journey, answered_at);
