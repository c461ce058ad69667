// Replies of Redis, as RESP2 has them: exact bytes, and integers as they are written.

// A reply is {kind, …}: status and error have text, integer has text, string has bytes, list has items, null has nothing.
export function parse(bytes) {
  let at = 0
  const line = () => {
    const end = bytes.indexOf(13, at)
    if (end < 0) throw new Error('the reply is not complete')
    const text = decode(bytes.subarray(at, end))
    at = end + 2
    return text
  }
  const read = () => {
    const head = line()
    const rest = head.slice(1)
    switch (head[0]) {
      case '+': return { kind: 'status', text: rest }
      case '-': return { kind: 'error', text: rest }
      case ':': return { kind: 'integer', text: rest }
      case '$': {
        const n = Number(rest)
        if (n < 0) return { kind: 'null' }
        at += n + 2
        if (at > bytes.length) throw new Error('the reply is not complete')
        return { kind: 'string', bytes: bytes.subarray(at - n - 2, at - 2) }
      }
      case '*': {
        const n = Number(rest)
        if (n < 0) return { kind: 'null' }
        const items = []
        for (let i = 0; i < n; i++) items.push(read())
        return { kind: 'list', items }
      }
    }
    throw new Error('the reply is not RESP2')
  }
  return read()
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

export const decode = (bytes) => lenient.decode(bytes)

// exact returns the text of bytes, or null if they are not UTF-8.
export function exact(bytes) {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}

// textOf is the text of a status, an integer, an error or a string, and '' of anything else.
export const textOf = (r) => (r.kind === 'string' ? decode(r.bytes) : r.text ?? '')

const escapes = { 34: '\\"', 92: '\\\\', 10: '\\n', 13: '\\r', 9: '\\t', 7: '\\a', 8: '\\b' }

// shown is a text in which everything can be seen: control characters, and bytes that are not UTF-8, are escaped as redis-cli does.
export function shown(bytes) {
  const text = exact(bytes)
  const hex = (n) => '\\x' + n.toString(16).padStart(2, '0')
  if (text === null) return Array.from(bytes, (b) => escapes[b] ?? (b < 32 || b > 126 ? hex(b) : String.fromCharCode(b))).join('')
  return text.replace(/["\\\u0000-\u001f\u007f]/g, (c) => escapes[c.charCodeAt(0)] ?? hex(c.charCodeAt(0)))
}

// Long replies are shown in part.
const most = 200_000

// asRedis is the reply in the notation of redis-cli, of which about room characters are shown.
export function asRedis(reply, room = most) {
  const lines = (r) => {
    let text
    switch (r.kind) {
      case 'status': text = r.text; break
      case 'error': text = '(error) ' + r.text; break
      case 'integer': text = '(integer) ' + r.text; break
      case 'null': text = '(nil)'; break
      case 'string': {
        const part = r.bytes.length > room ? r.bytes.subarray(0, Math.max(room, 20)) : r.bytes
        text = '"' + shown(part) + '"' + (part.length < r.bytes.length ? ` … (${r.bytes.length} bytes)` : '')
        break
      }
      case 'list': {
        if (r.items.length === 0) return ['(empty array)']
        const width = String(r.items.length).length
        const all = []
        for (const [i, item] of r.items.entries()) {
          if (room <= 0) {
            all.push(`… (${r.items.length} elements)`)
            break
          }
          const number = String(i + 1).padStart(width) + ') '
          for (const [j, line] of lines(item).entries()) all.push((j ? ' '.repeat(number.length) : number) + line)
        }
        return all
      }
    }
    room -= text.length
    return [text]
  }
  return lines(reply).join('\n')
}

// asJSON is the reply as the protocol has it.
export function asJSON(reply, indent = '') {
  const more = indent + '  '
  switch (reply.kind) {
    case 'integer': return reply.text
    case 'null': return 'null'
    case 'error': return JSON.stringify({ error: reply.text })
    case 'list': {
      const items = reply.items.map((r) => asJSON(r, more))
      const flat = '[' + items.join(', ') + ']'
      return flat.length < 80 && !flat.includes('\n') ? flat : `[\n${more}${items.join(`,\n${more}`)}\n${indent}]`
    }
  }
  return JSON.stringify(textOf(reply))
}

// goType is the type that redis.Decode reads the reply as.
export function goType(reply) {
  switch (reply.kind) {
    case 'integer': return 'int64'
    case 'status':
    case 'string': return 'string'
    case 'null': return '*string'
    case 'list': {
      const types = new Set(reply.items.map(goType))
      if (types.size === 1) return '[]' + [...types][0]
      if (types.size === 2 && types.has('string') && types.has('*string')) return '[]*string'
      return '[]any'
    }
  }
  return 'any'
}

const goString = (s) => JSON.stringify(s)
const goValue = (s) => (/^(0|-?[1-9]\d{0,17})$/.test(s) ? s : goString(s))

// goLine is the Go that runs a script and gets the reply.
export function goLine(reply, keys, args) {
  const list = keys.length ? `[]string{${keys.map(goString).join(', ')}}` : 'nil'
  const call = ['ctx', 'rdb', list, ...args.map(goValue)].join(', ')
  if (reply.kind === 'error') {
    const code = /^[A-Z]+(?= |$)/.exec(reply.text)?.[0] // what did not come from a script has none
    const run = `_, err := redis.NewScript[any](source).Run(${call})`
    return code && !reply.text.includes('Error compiling script') ? `${run}\nif redis.Code(err) == ${goString(code)} {\n\t// …\n}` : run
  }
  return `v, err := redis.NewScript[${goType(reply)}](source).Run(${call})`
}

// words splits a line into words, as a shell does: quotes keep spaces, and a backslash keeps what follows.
export function words(line) {
  const all = []
  let word = null
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const c = line[i]
    if (quote) {
      if (c === quote) quote = ''
      else if (c === '\\' && quote === '"' && i + 1 < line.length) word += { n: '\n', r: '\r', t: '\t' }[line[++i]] ?? line[i]
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (c === '\\' && i + 1 < line.length) word = (word ?? '') + line[++i]
    else if (/\s/.test(c)) {
      if (word !== null) all.push(word)
      word = null
    } else word = (word ?? '') + c
  }
  if (quote) throw new Error(`a quote is not closed: ${quote}`)
  if (word !== null) all.push(word)
  return all
}
