import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type EngineSpy, spyOnEngine } from './engine-spy.ts';
import { type ImageService, startImageService } from './image-service.ts';

export interface SpiedView {
  readonly view: ImageService;
  readonly spy: EngineSpy;
  readonly stop: () => Promise<void>;
}

export const startEngineView = (socket: string, serviceKey: string): Promise<ImageService> =>
  startImageService('engine-view', {
    env: { ENGINE_SOCKET: socket, PORT: '0' },
    secrets: { 'service-key': serviceKey },
  });

/** engine-view with a spy between it and its engine, whose socket is, as an engine's own, for root and a group. */
export async function startSpiedView(engine: string, serviceKey: string): Promise<SpiedView> {
  const spy = await spyOnEngine(engine);
  const socket = spy.address.replace('unix://', '');
  await chmod(dirname(socket), 0o755);
  await chmod(socket, 0o660);
  const view = await startEngineView(socket, serviceKey);
  return {
    view,
    spy,
    stop: async () => {
      await view.stop();
      await spy.close();
    },
  };
}
