// The inverse of pack.go: values in which everything that occurs twice is written once.

export function unpack(p) {
  const made = [];
  const value = (i) => {
    if (i in made) return made[i];
    const n = p.nodes[i];
    let v = n;
    if (Array.isArray(n)) {
      if (n[0] < 0) v = n.slice(1).map(value);
      else v = Object.fromEntries(p.shapes[n[0]].map((k, j) => [k, value(n[j + 1])]));
    }
    return (made[i] = v);
  };
  return p.frames.map(value);
}
