// The page is a client like others: it sends commands with the token, over the protocol.

import { parse } from './resp.js'

// What is known of the server.
export const server = { backend: '', embedded: false, readOnly: false }

const key = 'redis-rest token'
let token = ''

// findToken takes the token out of the address, so that it is in no bookmark, and keeps it for this tab.
export function findToken() {
  const found = /^#token=(.+)$/.exec(location.hash)
  if (found) {
    sessionStorage.setItem(key, decodeURIComponent(found[1]))
    history.replaceState(null, '', location.pathname)
  }
  token = sessionStorage.getItem(key) ?? ''
  return token !== ''
}

export function setToken(value) {
  token = value
  sessionStorage.setItem(key, value)
}

// unique is a text that nobody else makes. crypto.randomUUID is not there over http from another machine.
export const unique = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('')

// send sends a request. Its name lets the view of traffic leave out those of the console.
async function send(path, body, headers, signal) {
  try {
    return await fetch(path, { method: 'POST', body, signal, headers: { Authorization: 'Bearer ' + token, 'X-Request-Id': 'console-' + unique(), ...headers } })
  } catch (e) {
    if (e.name === 'AbortError') throw e
    throw new Error('the server cannot be reached')
  }
}

// stream calls each with the data of each event, until the server ends the stream or signal is aborted.
export async function stream(path, each, signal) {
  const response = await send(path, null, {}, signal)
  if (!response.ok) throw new Error((await response.json()).error)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    text += value
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const data = text.slice(0, end).split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(line[5] === ' ' ? 6 : 5))
      if (data.length) each(data.join('\n'))
    }
  }
}

async function post(path, body, headers = {}, signal) {
  const response = await send(path, body, headers, signal)
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (response.headers.get('Content-Type') === 'application/octet-stream') return parse(bytes)
  const answer = JSON.parse(new TextDecoder().decode(bytes))
  if (answer.error !== undefined) throw Object.assign(new Error(answer.error), { status: response.status })
  return answer.result
}

const raw = { 'Upstash-Response-Format': 'resp2' }

// command runs a command and returns its reply, which may be an error.
export const command = (...words) => commandUntil(undefined, ...words)

// commandUntil is command, and fails with an AbortError when signal is aborted.
export const commandUntil = async (signal, ...words) => {
  try {
    return await post('/', JSON.stringify(words.map(String)), raw, signal)
  } catch (e) {
    if (e.status === 400) return { kind: 'error', text: e.message } // it did not reach the database
    throw e
  }
}

// must runs a command, and throws if the reply is an error.
export async function must(...words) {
  const reply = await command(...words)
  if (reply.kind === 'error') throw new Error(reply.text)
  return reply
}

// together runs commands with one request and returns their replies.
export const together = async (commands) => (await post('/pipeline', JSON.stringify(commands.map((c) => c.map(String))), raw)).items

export const lint = (source) => post('/-/lint', source)

// trace runs a command that runs a script on a copy of the data, and returns what the script did. The server ends the script when signal is aborted.
export const trace = (signal, ...words) => post('/-/trace', JSON.stringify(words.map(String)), {}, signal)

// steps runs a command that runs a script on a copy of the data, and returns each step of it.
export const steps = (signal, ...words) => post('/-/debug', JSON.stringify(words.map(String)), {}, signal)

export async function learn() { Object.assign(server, await post('/-/about')) }

// docs returns what Redis says about its commands, as a Map of names to {summary, syntax, arity}. It is asked for once.
let asked
export const docs = () => (asked ??= readDocs().catch(() => new Map()))

async function readDocs() {
  const [about, list] = (await together([['COMMAND', 'DOCS'], ['COMMAND']])).map(plain)
  const all = new Map()
  for (let i = 0; i < about.length; i += 2) {
    const doc = record(about[i + 1])
    all.set(about[i].toUpperCase(), { summary: doc.summary ?? '', syntax: (doc.arguments ?? []).map(syntax).join(' '), arity: 0 })
  }
  for (const [name, arity] of list) {
    const known = all.get(name.toUpperCase())
    if (known) known.arity = Number(arity)
  }
  return all
}

const record = (list) => Object.fromEntries(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]))

// plain makes texts and lists of a reply.
export const plain = (r) => (r.kind === 'list' ? r.items.map(plain) : r.kind === 'null' ? null : r.text ?? new TextDecoder().decode(r.bytes))

// syntax is an argument as the documentation of Redis writes it.
function syntax(list) {
  const a = record(list)
  const flags = a.flags ?? []
  const parts = (a.arguments ?? []).map(syntax)
  let text = a.type === 'oneof' ? parts.join(' | ') : a.type === 'block' ? parts.join(' ') : a.type === 'pure-token' ? '' : a.name
  text = [a.token, text].filter(Boolean).join(' ')
  if (flags.includes('multiple')) text += ` [${text} …]`
  return flags.includes('optional') ? `[${text}]` : text
}
