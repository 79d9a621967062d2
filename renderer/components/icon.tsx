/** 16-unit line icons of our own: one weight, no fill. */
const paths = {
  copy: 'M5.5 5.5V3.2c0-.4.3-.7.7-.7h6.1c.4 0 .7.3.7.7v6.1c0 .4-.3.7-.7.7h-2.3M3.2 5.5h6.1c.4 0 .7.3.7.7v6.1c0 .4-.3.7-.7.7H3.2a.7.7 0 0 1-.7-.7V6.2c0-.4.3-.7.7-.7z',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  close: 'm4 4 8 8m0-8-8 8',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm3.3-1.2L13.5 13.5',
  play: 'M5 3.2v9.6l7.5-4.8z',
  stop: 'M4 4h8v8H4z',
  pause: 'M5.5 3.5v9m5-9v9',
  restart: 'M12.8 6.2A5 5 0 1 0 13 8.6M13 3v3.3H9.7',
  redeploy: 'M8 10.5v-8m0 0L5 5.5m3-3 3 3M3 10v2.3c0 .4.3.7.7.7h8.6c.4 0 .7-.3.7-.7V10',
  editor: 'm5.5 4.5-3 3.5 3 3.5m5-7 3 3.5-3 3.5M9.3 3 6.7 13',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 8.3c0 .4.4.7.8.7h4.2c.4 0 .8-.3.8-.7l.6-8.3',
  sidebar: 'M3.2 3h9.6c.4 0 .7.3.7.7v8.6c0 .4-.3.7-.7.7H3.2a.7.7 0 0 1-.7-.7V3.7c0-.4.3-.7.7-.7zM6.5 3v10',
  settings: 'M2.5 4.5h6m3 0h2m-11 7h2m3 0h6M10 3v3M6 10v3',
  doctor: 'M2 8h2.8l1.7-4.5 3 9L11.200 8H14',
  folder: 'M2.5 4.2c0-.4.3-.7.7-.7h3l1.500 1.700h5.100c.4 0 .7.3.7.7v5.900c0 .4-.3.7-.7.7H3.200a.7.7 0 0 1-.7-.7z',
  file: 'M4 2.500h5l3 3v8H4zM9 2.500v3h3',
  down: 'm4 6 4 4 4-4',
  right: 'm6 4 4 4-4 4',
  external:
    'M9.500 3H13v3.500M13 3 7.500 8.500M11.500 9.500v2.800c0 .4-.3.7-.7.7H3.700a.7.7 0 0 1-.7-.7V5.200c0-.4.3-.7.7-.7h2.800',
  keyboard: 'M2.200 4.500h11.600v7H2.200zM5 9.500h6M4.500 6.800h.01M7 6.800h.01M9.300 6.800h.01M11.500 6.800h.01',
  end: 'M8 2.500v7.500m0 0L4.800 6.800M8 10l3.200-3.200M3 13.500h10',
  wrap: 'M2.500 4h11m-11 4h8.700a2 2 0 1 1 0 4H8m0 0 1.500-1.500M8 12l1.500 1.500M2.500 12H5',
  clear: 'M3 8h10M3 4.500h10M3 11.500h5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      className={name === 'more' ? 'icon heavy' : 'icon'}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
