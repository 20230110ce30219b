// The page: what is stepped through, and what else there is to do.
import {h, fill, count} from './dom.js';
import {unpack} from './pack.js';
import {Player, keyWords} from './player.js';
import {ask, get} from './net.js';

const $ = (id) => document.getElementById(id);
const own = {text: ''}; // the user's own scenario
let setup, question;

const place = (link) => ({link, ...(own.text && question && question.file === own.file ? {text: own.text} : {})});

const player = new Player($('stepper'), {
  take: (link, move) => ask('/api/step', {...place(link), move}),
  text: async (file) => (question.file === file && own.file === file ? own.text : (await get('/api/source?file=' + encodeURIComponent(file))).text),
  shown: () => remember(),
  keys: {v: () => ahead(true), l: () => copyLink(), '?': () => help()},
});

function remember() {
  const hash = '#' + encodeURI(player.tries.link()).replaceAll('#', '%23').replace(/%23(\d+)$/, '%23$1');
  if (location.hash !== hash) history.replaceState(null, '', hash);
}

function show(line) {
  question = line.question;
  for (const [id, v] of [['scenario', question.scenario], ['version', question.version], ['softirqs', question.softirqs], ['grace', question.grace]]) $(id).value = v;
  document.title = `${question.scenario} on ${question.version} · ptsim`;
  fill($('title'), question.title);
  const paras = question.about.join('\n').split(/\n\n+/);
  fill($('about'), paras.map((p) => h('p', null, p)), question.flawed && h('p', null, h('b', null, question.version), ` (${question.kernel}) ${question.flawed}.`));
  player.stale = '';
  player.load(unpack(line.views), line.path, line.step);
  if (line.stale) {
    player.stale = line.stale;
    player.render();
    player.say(`This link has gone stale: ${line.stale}`);
  }
}

async function open(link) {
  try {
    show(await ask('/api/line', place(link)));
    return true;
  } catch (e) {
    trouble(e);
    return false;
  }
}

async function begin() {
  try {
    show(await ask('/api/begin', {scenario: $('scenario').value, version: $('version').value, softirqs: $('softirqs').value, grace: $('grace').value,
      ...(own.text && $('scenario').value === own.name ? {text: own.text} : {})}));
  } catch (e) {
    trouble(e);
  }
}

function trouble(e) {
  if (player.tries) return player.fail(e);
  fill($('trouble'), h('div', {class: 'banner warn', role: 'alert'}, h('p', null, e.message)));
}

async function ahead(run) {
  const from = player.at;
  player.tell(h('div', {class: 'banner plain'}, h('p', null, 'Looking at every way from here …')), 'looking at every way from here');
  try {
    const a = await ask('/api/ahead', {...place(player.tries.link(from)), run});
    if (player.at !== from) return;
    if (run && a.moves.length) player.show(player.tries.extend(from, unpack(a.views), a.path));
    const good = a.verdict === 'safe', bad = a.verdict === 'violated';
    player.tell(h('div', {class: `banner ${good ? 'good' : bad ? 'bad' : 'warn'}`}, h('p', {class: 'sentence'}, h('span', {'aria-hidden': 'true'}, good ? '✓ ' : bad ? '✖ ' : '⚠ '), a.sentence)), a.sentence);
  } catch (e) {
    player.fail(e);
  }
}

async function copyLink() {
  remember();
  const link = location.href;
  let done = false;
  try {
    await navigator.clipboard.writeText(link);
    done = true;
  } catch { /* not allowed here: the link is shown to be copied by hand */ }
  const field = h('input', {type: 'text', readonly: true, value: link, 'aria-label': 'link', 'data-key': 'link'});
  player.tell(h('div', {class: 'banner plain'}, h('p', null, done ? 'The link is copied. ' : 'Copy the link: '), field,
    h('p', {class: 'none'}, 'As an argument of --replay: ', h('code', {class: 'wrap'}, player.tries.link()))), done ? 'the link is copied' : 'the link is shown');
  field.select();
  if (done) player.root.focus({preventScroll: true});
}

function help() { $('help').showModal(); }

function buildBar() {
  const b = (key, label, short, on, title) => h('button', {type: 'button', 'data-key': key, 'aria-keyshortcuts': short, title: title || label, onclick: on}, label, h('kbd', {'aria-hidden': 'true'}, short));
  fill(player.extra,
    b('violation', 'Run to a violation', 'v', () => ahead(true), 'take the shortest way from here to a violation, or prove that there is none'),
    b('tree', 'Tries', 't', () => player.toggleTree()),
    b('source', 'Source', 's', () => player.toggleSource()),
    b('link', 'Link', 'l', () => copyLink()),
    b('help', 'Keys', '?', () => help()));
  fill($('keys'), keyWords.map(([k, what]) => h('div', null, h('dt', null, k), h('dd', null, what))));
}

async function start() {
  try {
    setup = await get('/api/setup');
  } catch (e) {
    return trouble(e);
  }
  const options = (id, list) => fill($(id), list.map((c) => h('option', {value: c.name, title: c.about}, c.name === c.label || id === 'softirqs' ? c.label : `${c.name}: ${c.label}`)));
  options('scenario', setup.scenarios);
  options('version', setup.versions);
  options('softirqs', setup.softirqs);
  options('grace', setup.graces);
  for (const id of ['scenario', 'version', 'softirqs', 'grace']) $(id).addEventListener('change', begin);
  buildBar();
  $('skip').addEventListener('click', (e) => { e.preventDefault(); player.root.focus(); });
  const hash = decodeURIComponent(location.hash.slice(1));
  if (!(hash && await open(hash))) await open(setup.start);
  window.addEventListener('hashchange', () => {
    const link = decodeURIComponent(location.hash.slice(1));
    if (link && link !== player.tries.link()) open(link);
  });
  if (document.activeElement === document.body) $('stepper').focus({preventScroll: true});
  document.documentElement.dataset.ready = 'yes';
}

start();
