import { correction, generate, mode } from 'lean-qr';

export interface QrPicture {
  /** Length of a side with the margin of four that cameras need, in modules. */
  readonly size: number;
  /** An SVG path of the dark ones. */
  readonly path: string;
}

/** Pure. Upper case, because letters and digits then take 5.5 bits each instead of 8; an invite is read either way. */
export function qrPicture(text: string): QrPicture {
  const margin = 4;
  const code = generate(text.toUpperCase(), { modes: [mode.alphaNumeric], minCorrectionLevel: correction.L });
  let path = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; ) {
      const from = x;
      while (code.get(x, y)) x += 1;
      // A row's dark modules beside each other are one bar: no seams between them at odd sizes.
      if (x > from) path += `M${from + margin} ${y + margin}h${x - from}v1h-${x - from}z`;
      else x += 1;
    }
  }
  return { size: code.size + 2 * margin, path };
}
