// The tree of tries: every state come to. A line is the way from the first state through the one that is shown and on.

export class Tree {
  // views are those of a line, path is its schedule.
  constructor(views, path) {
    this.nodes = [];
    this.root = this.at = this.grow(null, views[0], path);
    this.extend(this.root, views.slice(1), path);
  }

  grow(parent, view, path) {
    const n = {id: this.nodes.length, parent, view, path, children: [], last: null};
    this.nodes.push(n);
    if (parent) parent.children.push(n);
    return n;
  }

  // extend adds views one behind the other, where they are not there already, and returns the last.
  extend(from, views, path) {
    for (const v of views) {
      const next = this.child(from, v.did.move) || this.grow(from, v, path);
      from.last = next;
      from = next;
    }
    return from;
  }

  child(n, move) {
    return n.children.find((c) => c.view.did.move === move);
  }

  go(n) {
    this.at = n;
    for (; n.parent; n = n.parent) n.parent.last = n;
  }

  line() {
    const list = [];
    for (let n = this.at; n; n = n.parent) list.unshift(n);
    for (let n = this.at.last; n; n = n.last) list.push(n);
    return list;
  }

  // link names the state that is shown: all of the schedule that it is on, and the step.
  link() {
    let end = this.at;
    while (end.last) end = end.last;
    return `${end.path}#${this.at.view.step}`;
  }

  // runs parts the tree into stretches without a fork: what a list of tries shows.
  runs(n = this.root) {
    const steps = [];
    for (;;) {
      steps.push(n);
      if (n.children.length !== 1) break;
      n = n.children[0];
    }
    return {steps, end: n, forks: n.children.map((c) => this.runs(c))};
  }

  // ends are the states from which no step was tried, in the order of the tree.
  ends(n = this.root) {
    return n.children.length ? n.children.flatMap((c) => this.ends(c)) : [n];
  }
}

// schedule writes moves as schedules have them: Bx3-s0!12c0.
export function schedule(nodes) {
  const out = [];
  for (const n of nodes) {
    if (!n.view.did) continue;
    const m = n.view.did.move;
    const prev = out[out.length - 1];
    if (prev && prev.m === m) prev.n++;
    else out.push({m, n: 1});
  }
  return out.map((o) => (o.n > 1 ? `${o.m}x${o.n}` : o.m)).join(' ');
}
