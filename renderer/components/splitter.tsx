import { type PointerEvent, useRef } from 'react';
import { clampDetail } from '../store/ui.ts';

const step = 24;

/** The bar above a bottom panel: dragged with the pointer, moved with the arrow keys. `height` is the panel's, in pixels. */
export function Splitter({
  height,
  onChange,
  label,
}: {
  readonly height: number;
  readonly onChange: (height: number) => void;
  readonly label: string;
}) {
  const drag = useRef<{ y: number; height: number }>(undefined);
  const onMove = (event: PointerEvent) => {
    if (drag.current !== undefined) onChange(drag.current.height + drag.current.y - event.clientY);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is a widget (window splitter); hr is not
    <div
      className="splitter"
      role="separator"
      aria-orientation="horizontal"
      aria-label={label}
      aria-valuenow={height}
      aria-valuemin={clampDetail(0)}
      aria-valuemax={clampDetail(10_000)}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { y: event.clientY, height };
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
        onChange(height + change);
      }}
    />
  );
}
