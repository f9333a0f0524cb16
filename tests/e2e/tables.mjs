// Tab-separated text with one header line, as objects by column name.

export function rows(tsv) {
  const [header, ...lines] = tsv.split('\n').filter(line => line && !line.startsWith('#')).map(line => line.split('\t'));
  return lines.map(cells => Object.fromEntries(header.map((name, i) => [name, cells[i]])));
}
