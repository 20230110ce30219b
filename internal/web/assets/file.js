// A schedule in a file of its own: the stepper, with what it shows in the file.
import {h, fill, count} from './dom.js';
import {unpack} from './pack.js';
import {Player, keyWords} from './player.js';

const $ = (id) => document.getElementById(id);
const data = JSON.parse($('line').textContent);
const q = data.question;
const online = ['p', 'c', 'v', 'h, i'];

function help() { $('help').showModal(); }

function link() {
  player.tell(h('div', {class: 'banner plain'}, h('p', null, 'To go on from here with ptsim:'), h('p', null, h('code', {class: 'wrap'}, `ptsim step --replay '${player.tries.link()}'`))), 'the link is shown');
}

const player = new Player($('stepper'), {
  text: (file) => data.sources[file] || '',
  keys: {'?': help, l: link},
});

const b = (key, label, short, on) => h('button', {type: 'button', 'data-key': key, 'aria-keyshortcuts': short, onclick: on}, label, h('kbd', {'aria-hidden': 'true'}, short));
fill(player.extra, b('source', 'Source', 's', () => player.toggleSource()), b('link', 'Link', 'l', link), b('help', 'Keys', '?', help));
fill($('keys'), keyWords.filter(([k]) => !online.includes(k) && k !== 't' && k !== '[ ]' && k !== '1 … 9').map(([k, what]) => h('div', null, h('dt', null, k), h('dd', null, what))));
fill($('about'), q.about.join('\n').split(/\n\n+/).map((p) => h('p', null, p)),
  h('p', null, `${q.scenario} on ${q.version} (${q.kernel})`, q.flawed && `, which ${q.flawed}`, `. Callbacks run on ${q.softirqs === 'cpu' ? 'the CPU that queued them' : count(Number(q.softirqs), 'CPU')}; grace periods: ${q.grace}.`));
const views = unpack(data.views);
player.load(views, data.path, data.step);
$('stepper').focus({preventScroll: true});
document.documentElement.dataset.ready = 'yes';
