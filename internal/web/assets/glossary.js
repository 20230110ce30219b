// The glossary where its terms stand: a term is marked where a view first has it, and says what it means on hover, focus
// and touch.
import {h} from './dom.js';
import {get} from './net.js';

const skipped = 'a, button, summary, code, pre, kbd, input, select, textarea, .term, .sr, .plate';

export class Glossary {
  async load() {
    const terms = await get('/api/glossary');
    this.of = new Map(terms.flatMap((t) => t.names.map((n) => [n.toLowerCase(), t])));
    const names = [...this.of.keys()].sort((a, b) => b.length - a.length).map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.pattern = new RegExp(`(?<![\\w.&>-])(?:${names.join('|')})(?![\\w(-])`, 'gi');
    this.tip = h('div', {id: 'tip', class: 'tip', role: 'tooltip', hidden: true});
    document.body.append(this.tip);
    for (const [on, off] of [['mouseover', 'mouseout'], ['focusin', 'focusout']]) {
      document.addEventListener(on, (e) => { const t = e.target.closest?.('.term'); if (t) this.show(t); });
      document.addEventListener(off, (e) => { if (e.target.closest?.('.term, .tip') && !e.relatedTarget?.closest?.('.tip') && !document.activeElement.matches('.term')) this.hide(); });
    }
    document.addEventListener('keydown', (e) => { if (e.key === 'Escape' && !this.tip.hidden) { this.hide(); e.stopPropagation(); } }, true);
    document.addEventListener('scroll', () => this.hide(), {passive: true});
  }

  // mark marks each term once in all of the places.
  mark(places) {
    if (!this.of) return;
    places = [...places];
    const seen = new Set(places.flatMap((p) => [...p.querySelectorAll('.term')].map((t) => this.of.get(t.textContent.toLowerCase()))));
    for (const place of places) {
      const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT, (n) => (n.parentElement.closest(skipped) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
      const texts = [];
      while (walk.nextNode()) texts.push(walk.currentNode);
      for (const t of texts) this.markText(t, seen);
    }
  }

  markText(node, seen) {
    const parts = [];
    let from = 0;
    for (const m of node.data.matchAll(this.pattern)) {
      const term = this.of.get(m[0].toLowerCase());
      if (seen.has(term) || /[A-Z]/.test(term.name) && !term.names.includes(m[0])) continue; // "a bits" is no A bit
      seen.add(term);
      parts.push(node.data.slice(from, m.index), h('span', {class: 'term', tabindex: 0, 'data-key': 'term ' + term.name, 'data-term': term.name, 'aria-describedby': 'tip'}, m[0]));
      from = m.index + m[0].length;
    }
    if (parts.length) node.replaceWith(...parts, node.data.slice(from));
  }

  show(t) {
    const term = [...this.of.values()].find((k) => k.name === t.dataset.term);
    this.tip.replaceChildren(h('b', null, term.name), ` ${term.text}`);
    this.tip.hidden = false;
    const r = t.getBoundingClientRect(), w = this.tip.offsetWidth, below = r.bottom + this.tip.offsetHeight + 8 < innerHeight;
    this.tip.style.setProperty('left', `${Math.max(8, Math.min(r.left, document.documentElement.clientWidth - w - 8))}px`);
    this.tip.style.setProperty('top', `${below ? r.bottom : Math.max(8, r.top - this.tip.offsetHeight)}px`);
  }

  hide() { if (this.tip) this.tip.hidden = true; }
}
