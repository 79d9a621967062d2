/** Lower case, and only what a project name may have. https://github.com/compose-spec/compose-spec/blob/main/spec.md#name-top-level-element */
export function normalizeProjectName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

export function isProjectName(name: string): boolean {
  return name !== '' && normalizeProjectName(name) === name;
}

/** Name of a network, volume, secret or config on the engine when the file gives none. */
export function objectName(project: string, key: string): string {
  return `${project}_${key}`;
}
