// The view of traffic: requests as they come, and messages of channels.

import { command, stream } from './api.js'
import { $, h } from './dom.js'

const most = 500 // rows that are kept

export function startTraffic() {
  watch()
  for (const id of ['filter', 'only-errors', 'own']) $(id).addEventListener('input', filter)
  $('clear').addEventListener('click', () => {
    $('requests').replaceChildren()
    filter()
  })
  $('subscribe').addEventListener('submit', (event) => {
    event.preventDefault()
    subscribe()
  })
  $('publish').addEventListener('submit', (event) => {
    event.preventDefault()
    publish()
  })
}

async function watch() {
  for (;;) {
    try {
      $('watching').textContent = 'Requests appear as they are answered.'
      await stream('/-/traffic', (text) => { if (text !== '"OK"') add(JSON.parse(text)) })
      $('watching').textContent = 'The server has ended the stream.'
    } catch (e) {
      $('watching').textContent = e.message
    }
    await new Promise((again) => setTimeout(again, 2000))
  }
}

const shown = (words) => words.map((w) => (/^[^\s"'\\]+$/.test(w) ? w : JSON.stringify(w))).join(' ')

function add(r) {
  if ($('pause').checked) return
  let text = r.commands.map(shown).join('\n')
  if (r.total > r.commands.length) text += `\n… and ${r.total - r.commands.length} more`
  const failed = r.status !== 200 || r.errors.length > 0
  const row = h('tr', { class: failed ? 'failed' : null, 'data-own': r.id.startsWith('console-') },
    h('td', {}, new Date(r.at).toLocaleTimeString('en-GB') + '.' + String(r.at % 1000).padStart(3, '0')), h('td', {}, text),
    h('td', {}, r.ms < 10 ? r.ms.toFixed(2) : r.ms.toFixed(0)), h('td', {}, [r.status === 200 ? '' : String(r.status), r.texts.join('\n')].filter(Boolean).join(' ')))
  row.hidden = !wanted(row)
  $('requests').prepend(row)
  while ($('requests').children.length > most) $('requests').lastChild.remove()
}

const wanted = (row) => (!$('only-errors').checked || row.classList.contains('failed')) && ($('own').checked || !('own' in row.dataset)) &&
  row.children[1].textContent.toLowerCase().includes($('filter').value.toLowerCase())

function filter() {
  for (const row of $('requests').children) row.hidden = !wanted(row)
}

let subscription = null // ends the one that is active

async function subscribe() {
  if (subscription) {
    subscription.abort()
    return
  }
  const name = $('channel').value
  const pattern = $('is-pattern').checked
  const before = (pattern ? 'pmessage,' : 'message,') + name + ','
  subscription = new AbortController()
  $('subscribe-button').textContent = 'Unsubscribe'
  try {
    await stream((pattern ? '/psubscribe/' : '/subscribe/') + encodeURIComponent(name), (text) => {
      if (!text.startsWith(before)) {
        $('subscribed').textContent = 'Subscribed to ' + name
        return
      }
      let channel = name
      let message = text.slice(before.length)
      if (pattern) {
        const end = message.indexOf(',')
        channel = message.slice(0, end)
        message = message.slice(end + 1)
      }
      $('messages').prepend(h('tr', {}, h('td', {}, new Date().toLocaleTimeString('en-GB')), h('td', {}, channel), h('td', {}, message)))
      while ($('messages').children.length > most) $('messages').lastChild.remove()
    }, subscription.signal)
    $('subscribed').textContent = 'The server has ended the subscription.'
  } catch (e) {
    $('subscribed').textContent = e.name === 'AbortError' ? 'Not subscribed.' : e.message
  }
  subscription = null
  $('subscribe-button').textContent = 'Subscribe'
}

async function publish() {
  const reply = await command('PUBLISH', $('to').value, $('message').value).catch((e) => ({ kind: 'error', text: e.message }))
  $('published').textContent = reply.kind === 'error' ? reply.text : `${reply.text} subscriber${reply.text === '1' ? ' has' : 's have'} got it.`
}
