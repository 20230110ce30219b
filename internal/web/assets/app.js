// The page: what is stepped through, and what else there is to do.
import {h, fill} from './dom.js';
import {unpack} from './pack.js';
import {Player, keyWords} from './player.js';
import {Predict} from './predict.js';
import {Beside} from './beside.js';
import {Levels} from './levels.js';
import {Quiz} from './quiz.js';
import {Course} from './course.js';
import {covers} from './view.js';
import {ask, get} from './net.js';

const $ = (id) => document.getElementById(id);
const own = {name: 'own', file: 'own.scn', text: ''}; // the user's own scenario
const views = ['step', 'levels', 'quiz', 'course'];
const pickers = ['scenario', 'version', 'softirqs', 'grace'];
let question;
let view = 'step';

try { own.text = sessionStorage.getItem('ptsim scenario') || ''; } catch { /* then it is forgotten */ }

const isOwn = (link) => link.startsWith(own.name + '/');
const place = (link) => ({link, ...(isOwn(link) && own.text ? {text: own.text} : {})});

const player = new Player($('stepper'), {
  take: (link, move) => ask('/api/step', {...place(link), move}),
  text: async (file) => (file === own.file ? own.text : (await get('/api/source?file=' + encodeURIComponent(file))).text),
  shown: (n) => { predict.cancel(); remember(); levels.shown(n); },
  before: (n, move) => predict.before(n, move),
  keys: {v: () => ahead(), l: () => copyLink(), p: () => togglePredict(), c: () => compare(), i: () => levels.claim(), '?': () => $('help').showModal()},
});
const predict = new Predict(player, place);
const beside = new Beside($('beside'), {open: (link) => { location.hash = '#' + hashOf(link); }, close: () => { fill($('beside')); player.root.focus({preventScroll: true}); }});
const levels = new Levels($('view-levels'), $('level'), {player, place, play: async (link) => { go('step'); await open(link); player.root.focus({preventScroll: true}); }});
const quiz = new Quiz($('view-quiz'), {open: (link) => { location.hash = '#' + hashOf(link); }});
const course = new Course($('view-course'));

const hashOf = (link) => encodeURI(link).replaceAll('#', '%23');

// remember has the address name the state that is shown.
function remember() {
  if (view !== 'step') return;
  const hash = '#' + hashOf(player.tries.link());
  if (location.hash !== hash) history.replaceState(null, '', hash);
}

// go shows one of the views.
function go(name) {
  view = name;
  for (const v of views) {
    $('view-' + v).hidden = v !== name;
    const a = $('nav-' + v);
    if (v === name) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
  $('pick').hidden = name !== 'step';
}

function show(line) {
  question = line.question;
  for (const id of pickers) $(id).value = question[id];
  fill($('trouble'));
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
  const text = $('scenario').value === own.name ? {text: own.text} : {};
  levels.leave();
  try {
    show(await ask('/api/begin', {...Object.fromEntries(pickers.map((id) => [id, $(id).value])), ...text}));
  } catch (e) {
    trouble(e);
  }
}

function trouble(e) {
  if (player.tries) return player.fail(e);
  fill($('trouble'), h('div', {class: 'banner warn', role: 'alert'}, h('p', null, e.message)));
}

async function ahead() {
  if (levels.level && !(levels.over && levels.over.reached)) return player.fail(new Error('In a level you are the one who looks for the way.'));
  const from = player.at;
  player.tell(h('div', {class: 'banner plain'}, h('p', null, 'Looking at every way from here …')), 'looking at every way from here');
  try {
    const a = await ask('/api/ahead', {...place(player.tries.link()), run: true});
    if (player.at !== from) return;
    if (a.moves.length) player.show(player.tries.extend(from, unpack(a.views), a.path), true);
    const good = a.verdict === 'safe', bad = a.verdict === 'violated' && !a.moves.length;
    const run = a.moves.length > 0;
    player.tell(h('div', {class: `banner ${good ? 'good' : run ? 'plain' : bad ? 'bad' : 'warn'}`}, h('p', {class: 'sentence'}, h('span', {'aria-hidden': 'true'}, good ? '✓ ' : run ? '▶ ' : bad ? '✖ ' : '⚠ '), run ? 'The shortest way there, taken: ' : '', a.sentence), covers(a.covers)), a.sentence);
  } catch (e) {
    player.fail(e);
  }
}

async function compare() {
  const c = h('select', {'aria-label': 'the other version', 'data-key': 'beside'}, [...$('version').options].map((o) => h('option', {value: o.value}, o.value)));
  c.value = question.version === 'active' ? 'rfc' : 'active';
  const form = h('form', {class: 'pick', onsubmit: async (e) => {
    e.preventDefault();
    try {
      const answer = await ask('/api/compare', {...place(player.tries.link()), version: c.value});
      fill(player.note);
      beside.show(answer);
      $('beside').focus({preventScroll: true});
      $('beside').scrollIntoView({block: 'start'});
    } catch (err) {
      player.fail(err);
    }
  }}, h('label', null, 'Follow this schedule on ', c), h('button', {class: 'primary', 'data-key': 'beside go'}, 'Compare'));
  const label = `compare with ${c.value}, or choose another version before`;
  player.tell(h('div', {class: 'banner plain'}, form), label);
  form.querySelector('button').focus();
}

async function copyLink() {
  remember();
  const link = location.href;
  let done = false;
  try {
    await navigator.clipboard.writeText(link);
    done = true;
  } catch { /* not allowed here: the link is shown to be copied by hand */ }
  const field = h('input', {type: 'text', readonly: true, value: link, 'aria-label': 'link', 'data-key': 'link text'});
  player.tell(h('div', {class: 'banner plain'}, h('p', null, done ? 'The link is copied. ' : 'Copy the link: '), field,
    h('p', {class: 'none'}, 'In a terminal: ', h('code', {class: 'wrap'}, `ptsim step --replay '${player.tries.link()}'`)),
    isOwn(player.tries.link()) && h('p', null, 'It is of a scenario of your own, which the link does not hold.')), done ? 'the link is copied' : 'the link is shown');
  field.select();
  if (done) player.root.focus({preventScroll: true});
}

function togglePredict() {
  const on = predict.toggle();
  player.extra.querySelector('[data-key="predict"]').setAttribute('aria-pressed', String(on));
}

async function download() {
  try {
    const file = await ask('/api/offline', place(player.tries.link()));
    const url = URL.createObjectURL(new Blob([file.html], {type: 'text/html'}));
    h('a', {href: url, download: file.name}).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    player.tell(h('div', {class: 'banner plain'}, h('p', null, `${file.name} steps without a server, in any browser.`)), `${file.name} is saved`);
  } catch (e) {
    player.fail(e);
  }
}

function buildBar() {
  const b = (key, label, short, on, title, pressed) => h('button', {type: 'button', 'data-key': key, 'aria-keyshortcuts': short || null, 'aria-pressed': pressed, title: title || label, onclick: on}, label, short && h('kbd', {'aria-hidden': 'true'}, short));
  fill(player.extra,
    b('violation', 'Run to a violation', 'v', () => ahead(), 'take the shortest way from here to a violation, or prove that there is none'),
    b('predict', 'Predict', 'p', () => togglePredict(), 'questions about each step before it is shown', 'false'),
    b('compare', 'Compare', 'c', () => compare(), 'the same schedule on another version'),
    b('tree', 'Tries', 't', () => player.toggleTree()),
    b('source', 'Source', 's', () => player.toggleSource()),
    b('link', 'Link', 'l', () => copyLink()),
    b('save', 'Save', '', () => download(), 'this schedule as a file that steps without a server'),
    b('help', 'Keys', '?', () => $('help').showModal()));
  fill($('keys'), keyWords.map(([k, what]) => h('div', null, h('dt', null, k), h('dd', null, what))));
}

// route shows what the address names: a view, a lesson, a level, or a state of a schedule.
async function route() {
  try {
    const hash = decodeURIComponent(location.hash.slice(1));
    const [name, rest] = hash.split(/\/(.*)/);
    fill($('trouble'));
    if (hash.includes('@')) {
      go('step');
      if (player.tries && hash === player.tries.link()) return;
      levels.leave();
      fill($('beside'));
      return await open(hash);
    }
    if (name === 'level') {
      const l = await levels.named(rest);
      return l ? await levels.begin(l) : lost(hash);
    }
    if (hash && !views.includes(name)) return lost(hash);
    go(name || 'step');
    if (view === 'step') return player.tries ? remember() : await open(start);
    if (view === 'levels') await levels.load();
    if (view === 'quiz') quiz.load();
    if (view === 'course') await course.load(rest);
    document.title = `${name} · ptsim`;
    window.scrollTo(0, 0);
  } catch (e) {
    lost(location.hash.slice(1), e.message);
  }
}

// lost says that the address names nothing, and where to go on from here.
function lost(hash, why) {
  const back = (href, text) => h('a', {class: 'button', href}, text);
  for (const v of views) $('view-' + v).hidden = true;
  $('pick').hidden = true;
  document.title = 'nothing here · ptsim';
  fill($('trouble'), h('div', {class: 'banner warn', role: 'alert'}, h('h1', null, 'There is nothing at this address'),
    h('p', null, 'The page knows no ', h('code', {class: 'wrap'}, '#' + hash.slice(0, 200)), why ? `: ${why}` : '', '.'),
    h('p', {class: 'ways-back'}, back('#step', 'The stepper'), ' ', back('#levels', 'The levels'), ' ', back('#course', 'The course'))));
}

let start = '';

async function begun() {
  let setup;
  try {
    setup = await get('/api/setup');
  } catch (e) {
    return trouble(e);
  }
  const options = (id, list) => fill($(id), list.map((c) => h('option', {value: c.name, title: c.about}, c.name === c.label || id === 'softirqs' ? c.label : `${c.name}: ${c.label}`)));
  options('scenario', [...setup.scenarios, ...(own.text ? [{name: own.name, label: 'your own'}] : [])]);
  options('version', setup.versions);
  options('softirqs', setup.softirqs);
  options('grace', setup.graces);
  start = setup.start;
  for (const id of pickers) $(id).addEventListener('change', begin);
  buildBar();
  $('skip').addEventListener('click', (e) => { e.preventDefault(); (view === 'step' ? player.root : $('view-' + view)).focus(); });
  $('own-open').addEventListener('click', () => { $('own-text').value = own.text || $('own-text').value; $('own').showModal(); });
  $('own-form').addEventListener('submit', ownScenario);
  $('own-cancel').addEventListener('click', () => $('own').close());
  window.addEventListener('hashchange', route);
  await route();
  if (!player.tries) await open(start);
  if (document.activeElement === document.body && view === 'step') $('stepper').focus({preventScroll: true});
  document.documentElement.dataset.ready = 'yes';
}

async function ownScenario(e) {
  e.preventDefault();
  const text = $('own-text').value;
  try {
    const line = await ask('/api/begin', {scenario: own.name, text, version: $('version').value, softirqs: $('softirqs').value, grace: $('grace').value});
    own.text = text;
    try { sessionStorage.setItem('ptsim scenario', text); } catch { /* then it is forgotten */ }
    if (![...$('scenario').options].some((o) => o.value === own.name)) $('scenario').append(h('option', {value: own.name}, `${own.name}: your own`));
    player.files.delete(own.file);
    levels.leave();
    $('own').close();
    show(line);
    player.root.focus();
  } catch (err) {
    fill($('own-trouble'), err.message);
  }
}

begun();
