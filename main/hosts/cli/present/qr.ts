import { correction, generate, mode } from 'lean-qr';

/**
 * A QR code for a terminal: two rows a line, dark on light whatever the terminal's own colours are, with the margin of four
 * that cameras need. Upper case, because letters and digits then take 5.5 bits each instead of 8.
 */
export function qrText(text: string): string {
  const code = generate(text.toUpperCase(), { modes: [mode.alphaNumeric], minCorrectionLevel: correction.L });
  const lines: string[] = [];
  for (let y = -4; y < code.size + 4; y += 2) {
    let line = '';
    for (let x = -4; x < code.size + 4; x += 1) {
      const [upper, lower] = [code.get(x, y), code.get(x, y + 1)];
      line += upper ? (lower ? ' ' : '▄') : lower ? '▀' : '█';
    }
    // White on black, so that what is printed is light and what is left out is dark.
    lines.push(`\u001b[97;40m${line}\u001b[0m`);
  }
  return lines.join('\n');
}
