// What the tests feed to the page. Everything is made from a seed, so that a failure repeats.

/** xorshift32: the same letters everywhere. */
export function dice(seed) {
  let x = seed >>> 0 || 1;
  return n => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

export function letters(count, roll, alphabet = 'ACGT') {
  let text = '';
  for (let i = 0; i < count; ++i) text += alphabet[roll(alphabet.length)];
  return text;
}

/** Labelled FASTA; every second record carries TATAAT at a place of its own, no other does. */
export function planted(records = 20, length = 30, seed = 7) {
  const roll = dice(seed);
  let text = '';
  for (let i = 0; i < records; ++i) {
    let body;
    do body = letters(length, roll);
    while (body.includes('TATAAT'));
    const motif = i % 2 === 0;
    if (motif) {
      const at = 8 + roll(length - 16);
      body = body.slice(0, at) + 'TATAAT' + body.slice(at + 6);
    }
    text += `>record_${i + 1} label=${motif ? 'motif' : 'none'}\n${body}\n`;
  }
  return text;
}

/** FASTA of about `bytes` letters in records of 60 kb, lines of 70. */
export function bigFasta(bytes, seed = 3) {
  const roll = dice(seed), line = letters(70 * 997, roll);
  const parts = [];
  let size = 0;
  for (let record = 1; size < bytes; ++record) {
    const rows = [`>contig_${record} length=60000 label=${record % 2 ? 'a' : 'b'}`];
    for (let i = 0; i < 60000 / 70; ++i) rows.push(line.slice(((record * 31 + i) % 997) * 70, ((record * 31 + i) % 997) * 70 + 70));
    parts.push(rows.join('\n') + '\n');
    size += parts.at(-1).length;
  }
  return parts.join('');
}
