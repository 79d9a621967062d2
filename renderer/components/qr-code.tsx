import { useEffect, useMemo, useRef } from 'react';
import { qrPicture } from '../show/qr.ts';

/** Dark on light whatever the theme is: cameras want it so. It comes into sight whole, where it fits. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => qrPicture(text), [text]);
  const element = useRef<SVGSVGElement>(null);
  useEffect(() => {
    // Not returned: newer browsers answer with a promise, which React would call.
    element.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <svg
      ref={element}
      className="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
