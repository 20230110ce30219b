// The page: what is stepped through, and what else there is to do.
import {h, fill} from './dom.js';
import {unpack} from './pack.js';
import {Player, keyWords} from './player.js';
import {Predict} from './predict.js';
import {Beside, variants, models} from './beside.js';
import {Levels} from './levels.js';
import {Quiz} from './quiz.js';
import {Course} from './course.js';
import {Docs} from './docs.js';
import {Glossary} from './glossary.js';
import {Own} from './own.js';
import {covers, links} from './view.js';
import {ask, get} from './net.js';

const $ = (id) => document.getElementById(id);
const own = {name: 'own', file: 'own.scn', text: '', code: '', why: ''}; // the user's own scenario, as it is open in the stepper
const views = ['step', 'course', 'levels', 'quiz', 'own', 'docs'];
const pickers = ['scenario', 'version', 'softirqs', 'grace', 'memory'];
let setup;
let question;
let view = 'step';

const isOwn = (link) => /^([a-z0-9]+\/)?own\//.test(link);
const labNamed = (name) => setup.labs.find((l) => l.name === name) || setup.labs[0];
const place = (link) => ({link, ...(isOwn(link) && own.text ? {text: own.text} : {})});
const remembered = (key) => { try { return localStorage.getItem('ptsim ' + key); } catch { return null; } };
const keep = (key, what) => { try { localStorage.setItem('ptsim ' + key, what); } catch { /* then it is forgotten */ } };

const player = new Player($('stepper'), {
  take: (link, move) => ask('/api/step', {...place(link), move}),
  text: async (file) => (file === own.file ? own.text : (await get('/api/source?file=' + encodeURIComponent(file))).text),
  shown: (n) => { predict.cancel(); remember(); levels.shown(n); glossary.mark($('level').querySelectorAll('.prose')); },
  before: (n, move) => predict.before(n, move),
  whatIf: (link, w) => whatIf(link, w),
  drawn: () => glossary.mark([$('about'), ...player.root.querySelectorAll('.happened .sentence, .happened .rule > p, .legend, .memory dt, .queue h3, .lane .why, .lane .tag, .lane h3')]),
  keys: {v: () => ahead(), l: () => copyLink(), p: () => togglePredict(), c: () => another(), m: () => underModels(), h: () => (levels.level ? levels.askHint() : null), i: () => levels.claim(), f: () => levels.toAnswers(), '?': () => $('help').showModal()},
});
const predict = new Predict(player, place);
const beside = new Beside($('beside'), {open: (link) => { location.hash = '#' + hashOf(link); }, close: () => { fill($('beside')); player.root.focus({preventScroll: true}); }});
const levels = new Levels($('view-levels'), $('level'), {player, place, play: async (link) => { go('step'); await open(link); player.root.focus({preventScroll: true}); }});
const quiz = new Quiz($('view-quiz'), {open: (link) => { location.hash = '#' + hashOf(link); }});
const course = new Course($('view-course'));
const docs = new Docs($('view-docs'));
const glossary = new Glossary();
const editor = new Own($('view-own'), {
  settings: () => Object.fromEntries(pickers.slice(1).map((id) => [id, $(id).value])),
  opened: () => own.text,
  source: () => question && player.hooks.text(question.file),
  open: async (text) => stepOwn(await beginOwn(text)),
  run: async (text) => { stepOwn(await beginOwn(text)); await ahead(); },
  show: async (text, link) => stepOwn(await ask('/api/line', {link, text})),
  link: async (text) => { const l = await beginOwn(text); return l.code ? {link: location.href.split('#')[0] + `#${hashOf(l.path)}~${l.code}`} : {why: l.no_code}; },
});

links.docs = (where) => '#docs/' + where.replace(/^docs\//, '').replace('.md', '').replace('#', ':');

const hashOf = (link) => encodeURI(link).replaceAll('#', '%23');

// address is the one that names a link, with the text of the user's own scenario.
const address = (link) => '#' + hashOf(link) + (isOwn(link) && own.code ? '~' + own.code : '');

const beginOwn = (text) => ask('/api/begin', {...Object.fromEntries(pickers.map((id) => [id, $(id).value])), scenario: own.name, text});

// stepOwn shows a line of the user's own scenario in the stepper.
function stepOwn(line) {
  levels.leave();
  fill($('beside'));
  go('step');
  history.pushState(null, '', '#' + hashOf(line.path)); // the way back leads to the editor
  show(line);
  player.root.focus({preventScroll: true});
  window.scrollTo(0, 0);
}

// remember has the address name the state that is shown.
function remember() {
  if (view !== 'step') return;
  const hash = address(player.tries.link());
  if (location.hash !== hash) history.replaceState(null, '', hash);
}

// go shows one of the views.
function go(name) {
  view = name;
  for (const v of views) {
    $('view-' + v).hidden = v !== name;
    const a = $('nav-' + v);
    if (!a) continue;
    if (v === name) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
  $('pick').hidden = name !== 'step' && name !== 'own';
  $('pick-scenario').hidden = name === 'own';
}

function show(line) {
  question = line.question;
  if (line.text) {
    Object.assign(own, {text: line.text, code: line.code || '', why: line.no_code || ''});
    player.files.delete(own.file);
    if (![...$('scenario').options].some((o) => o.value === own.name)) $('scenario').append(h('option', {value: own.name}, `${own.name}: your own`));
  }
  versionsOf(labNamed(question.lab));
  for (const id of pickers) $(id).value = id === 'scenario' && isOwn(line.path) ? own.name : question[id];
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

// open shows a link, which may hold the text of a scenario.
async function open(link) {
  try {
    show(await ask('/api/line', place(link)));
    return true;
  } catch (e) {
    trouble(e);
    return false;
  }
}

const options = (id, list) => fill($(id), list.map((c) => h('option', {value: c.name, title: c.about}, c.name === c.label || id === 'softirqs' ? c.label : `${c.name}: ${c.label}`)));

// versionsOf has the versions of a lab to choose from.
function versionsOf(lab) {
  if ($('version').dataset.lab === lab.name) return;
  options('version', lab.versions);
  $('version').dataset.lab = lab.name;
  $('version').value = lab.first;
}

async function begin() {
  if ($('scenario').value !== own.name) versionsOf(labNamed(setup.scenarios.find((c) => c.name === $('scenario').value).lab));
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
  if (levels.level && !(levels.over && levels.over.reached)) return player.fail(new Error('In a level you find the way yourself. A hint may help.'));
  const from = player.at;
  player.tell(h('div', {class: 'banner plain'}, h('p', null, 'Trying every schedule from here …')), 'trying every schedule from here');
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

// whatIf follows the schedule on code that is edited, and has all schedules of that tried.
async function whatIf(link, w) {
  player.tell(h('div', {class: 'banner plain'}, h('p', null, `With ${w.label}: trying every schedule …`)), 'trying every schedule');
  try {
    const a = await ask('/api/what-if', {...place(link), edit: w.edit});
    show(a.line);
    const good = a.verdict === 'safe';
    const text = `${w.label}. ${a.note} From the start: ${a.sentence}.`;
    player.tell(h('div', {class: `banner ${good ? 'good' : 'plain'}`}, h('p', {class: 'sentence'}, h('span', {'aria-hidden': 'true'}, good ? '✓ ' : '▶ '), text)), text);
  } catch (e) {
    player.fail(e);
  }
}

async function another() {
  const c = h('select', {'aria-label': 'the other variant', 'data-key': 'beside'}, [...$('version').options].map((o) => h('option', {value: o.value}, o.value)));
  c.value = question.version === 'active' ? 'rfc' : 'active';
  if (!c.value) c.value = [...c.options].map((o) => o.value).find((v) => v !== question.version);
  const form = h('form', {class: 'pick', onsubmit: (e) => {
    e.preventDefault();
    putBeside(async () => variants(await ask('/api/compare', {...place(player.tries.link()), version: c.value})));
  }}, h('label', null, 'Follow this schedule on ', c), h('button', {class: 'primary', 'data-key': 'beside go'}, 'Show'));
  const label = `beside ${c.value}, or choose another variant first`;
  player.tell(h('div', {class: 'banner plain'}, form), label);
  form.querySelector('button').focus();
}

// putBeside shows the columns that an answer comes to.
async function putBeside(answer) {
  try {
    const columns = await answer();
    fill(player.note);
    beside.show(columns);
    $('beside').focus({preventScroll: true});
    $('beside').scrollIntoView({block: 'start'});
  } catch (err) {
    player.fail(err);
  }
}

// underModels follows the schedule under each memory model.
function underModels() {
  player.tell(h('div', {class: 'banner plain'}, h('p', null, 'Following this schedule under each memory model …')), 'following this schedule under each memory model');
  return putBeside(async () => models(await ask('/api/models', place(player.tries.link()))));
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
    h('p', {class: 'none'}, 'In a terminal: ', h('code', {class: 'wrap'}, `ptsim step --replay '${player.tries.link()}${isOwn(player.tries.link()) && own.code ? '~' + own.code : ''}'`)),
    isOwn(player.tries.link()) && h('p', null, own.code ? 'It holds the text of your own scenario.' : `It does not hold the text of your own scenario: ${own.why}.`)), done ? 'the link is copied' : 'the link is shown');
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
    b('compare', 'Beside', 'c', () => another(), 'the same schedule on another variant, side by side'),
    b('models', 'Models', 'm', () => underModels(), 'the same schedule under each memory model, side by side'),
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
      if (player.tries && location.hash === address(player.tries.link())) return;
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
    if (view === 'own') await editor.load(setup);
    const at = view === 'docs' && await docs.load(rest);
    glossary.mark($('view-' + view).querySelectorAll('.prose'));
    document.title = `${name} · ptsim`;
    if (at) at.scrollIntoView();
    else window.scrollTo(0, 0);
  } catch (e) {
    if (e.status === 404 || e instanceof URIError) return lost(location.hash.slice(1), e.message);
    fill($('trouble'), h('div', {class: 'banner warn', role: 'alert'}, h('p', null, e.message)));
  }
}

// lost says that the address names nothing, and where to go on from here.
function lost(hash, why) {
  const back = (href, text) => h('a', {class: 'button', href}, text);
  for (const v of views) $('view-' + v).hidden = true;
  $('pick').hidden = true;
  document.title = 'nothing here · ptsim';
  fill($('trouble'), h('div', {class: 'banner warn', role: 'alert'}, h('h1', null, 'There is nothing at this address'),
    h('p', null, 'This page has nothing at ', h('code', {class: 'wrap'}, '#' + hash.slice(0, 200)), why ? `: ${why}` : '', '.'),
    h('p', {class: 'ways-back'}, back('#step', 'The stepper'), ' ', back('#levels', 'The levels'), ' ', back('#course', 'The course'))));
}

let start = '';

// welcome tells somebody who is here for the first time what there is to see.
function welcome() {
  const box = $('welcome');
  box.hidden = Boolean(remembered('seen')) || location.hash.length > 1;
  const close = () => { box.hidden = true; keep('seen', 'yes'); player.root.focus({preventScroll: true}); };
  $('welcome-close').addEventListener('click', close);
  $('welcome-flaw').addEventListener('click', async () => {
    close();
    await ahead();
    player.seek(0);
    player.auto.toggle();
  });
  for (const a of box.querySelectorAll('a')) a.addEventListener('click', () => keep('seen', 'yes'));
  const about = $('about-box');
  about.open = remembered('about') !== 'closed';
  about.addEventListener('toggle', () => keep('about', about.open ? 'open' : 'closed'));
}

async function begun() {
  try {
    setup = await get('/api/setup');
    await glossary.load();
    const mine = setup.scenarios.find((c) => c.name === own.name); // the server was started with a file of that name
    if (mine) own.text = (await get('/api/source?file=' + encodeURIComponent(mine.file))).text;
  } catch (e) {
    return trouble(e);
  }
  options('scenario', setup.scenarios);
  versionsOf(setup.labs[0]);
  options('softirqs', setup.softirqs);
  options('grace', setup.graces);
  options('memory', setup.memories);
  start = setup.start;
  versionsOf(labNamed(setup.question.lab));
  for (const id of pickers) $(id).value = setup.question[id];
  for (const id of pickers) $(id).addEventListener('change', () => { if (view === 'step') begin(); });
  buildBar();
  welcome();
  $('skip').addEventListener('click', (e) => { e.preventDefault(); (view === 'step' ? player.root : $('view-' + view)).focus(); });
  window.addEventListener('hashchange', route);
  await route();
  if (view === 'step' && !player.tries && $('view-step').hidden === false) { // the link that was asked for cannot be opened
    const why = $('trouble').textContent;
    if (await open(start) && why) player.fail(new Error(why));
  }
  if (document.activeElement === document.body && view === 'step' && player.tries) $('stepper').focus({preventScroll: true});
  document.documentElement.dataset.ready = 'yes';
}

begun();
