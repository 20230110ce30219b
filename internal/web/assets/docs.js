// Documents that steps and lessons refer to, opened at a heading.
import {h, fill} from './dom.js';
import {get} from './net.js';
import {markup} from './questions.js';

const letters = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

export class Docs {
  constructor(box) { this.box = box; }

  async load(place) {
    const [name, heading] = (place || '').split(/:(.*)/);
    const d = await get('/api/doc?name=' + encodeURIComponent(name));
    fill(this.box, h('article', {class: 'lesson doc'}, h('h1', null, d.title), h('div', {class: 'prose'}, markup(d.html))));
    const at = heading && [...this.box.querySelectorAll('h2, h3, h4')].find((e) => letters(e.textContent) === letters(heading));
    if (at) {
      at.tabIndex = -1;
      at.focus({preventScroll: true});
    }
    return at;
  }
}
