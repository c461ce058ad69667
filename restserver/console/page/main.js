// The page: it finds the token, and shows one view at a time.

import { findToken, learn, server, setToken } from './api.js'
import { $, ask } from './dom.js'
import { refreshData, startData } from './data.js'
import { startScripts } from './scripts.js'
import { startTraffic } from './traffic.js'

const views = ['scripts', 'data', 'traffic']

function show(view) {
  for (const name of views) {
    const chosen = name === view
    $(name).hidden = !chosen
    $('tab-' + name).setAttribute('aria-selected', String(chosen))
    $('tab-' + name).tabIndex = chosen ? 0 : -1
  }
  onShow[view]?.()
  onShow[view] = again[view]
}

const onShow = { data: startData, traffic: startTraffic } // what is begun when it is first shown
const again = { data: refreshData } // and what is done after that

for (const [i, name] of views.entries()) {
  const tab = $('tab-' + name)
  tab.addEventListener('click', () => show(name))
  tab.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const next = views[(i + step + views.length) % views.length]
    show(next)
    $('tab-' + next).focus()
  })
}

let known = false
let problem = ''
if (findToken()) {
  try {
    await learn()
    known = true
  } catch (e) {
    problem = (e.status === 401 ? 'The server refused the token' : e.message) + '. '
  }
}
if (!known) {
  await ask({
    title: 'Token',
    text: problem + 'The server printed an address with the token when it started. Without it, the page needs the token here.',
    fields: [{ name: 'token', label: 'UPSTASH_REDIS_REST_TOKEN', secret: true }],
    action: 'Continue',
    async save({ token }) {
      setToken(token.trim())
      await learn()
    },
  })
}
const kind = server.backend === 'memory' ? 'the embedded database' : server.backend
$('about').textContent = server.backend ? kind + (server.readOnly ? ', read-only' : '') : 'There is no valid token: load the page again.'
if (server.readOnly) { // a read-only token does not see what others send
  views.pop()
  $('tab-traffic').hidden = true
}
startScripts()
document.body.dataset.ready = 'true'
