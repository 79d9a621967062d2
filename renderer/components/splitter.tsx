import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { clampDetail } from '../store/ui.ts';

const step = 24;

/**
 * The bar above a bottom panel (its next sibling): dragged with the pointer, moved with the arrow keys, given back to
 * the layout by a double click. `height` is the panel's, in pixels; undefined: the layout decides.
 */
export function Splitter({
  height,
  onChange,
  label,
}: {
  readonly height: number | undefined;
  readonly onChange: (height: number | undefined) => void;
  readonly label: string;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const drag = useRef<{ y: number; height: number }>(undefined);
  const [measured, setMeasured] = useState(0);
  useEffect(() => {
    const panel = bar.current?.nextElementSibling;
    if (panel === null || panel === undefined) return;
    const observer = new ResizeObserver(() => setMeasured(Math.round(panel.clientHeight)));
    observer.observe(panel);
    return () => observer.disconnect();
  }, []);
  const current = height ?? measured;
  const onMove = (event: PointerEvent) => {
    if (drag.current !== undefined) onChange(drag.current.height + drag.current.y - event.clientY);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is a widget (window splitter); hr is not
    <div
      ref={bar}
      className="splitter"
      role="separator"
      aria-orientation="horizontal"
      aria-label={label}
      aria-valuenow={current}
      aria-valuemin={clampDetail(0)}
      aria-valuemax={clampDetail(10_000)}
      tabIndex={0}
      onDoubleClick={() => onChange(undefined)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { y: event.clientY, height: current };
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        drag.current = undefined;
      }}
      onKeyDown={(event) => {
        const change = event.key === 'ArrowUp' ? step : event.key === 'ArrowDown' ? -step : 0;
        if (change === 0) return;
        event.preventDefault();
        event.stopPropagation();
        onChange(current + change);
      }}
    />
  );
}
