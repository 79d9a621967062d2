import type { IncidentChange } from '../../../../services/team-services/work.ts';
import { exitCodes } from '../../exit-codes.ts';
import { errorLines, incidentLines } from '../../present/team-services.ts';
import type { Command } from '../../run.ts';

export const list: Command = async ({ io, services, signal }) => {
  const { incidents = [], errors } = await services.teamServices.look(['incidents'], signal);
  io.data({ incidents, errors });
  const lines = incidents.length === 0 ? ['There are no incidents.'] : incidentLines(incidents);
  io.say([...lines, ...errorLines(errors, io.paint)].join('\n'));
  return Object.keys(errors).length === 0 ? exitCodes.done : exitCodes.failed;
};

export const open =
  (report: { readonly title: string; readonly detail: string | undefined }): Command =>
  async ({ io, services }) => {
    const made = await services.teamServices.openIncident(report);
    io.data({ incident: made });
    io.say(made.id);
    return exitCodes.done;
  };

export const change =
  (id: string, to: IncidentChange): Command =>
  async ({ io, services }) => {
    await services.teamServices.changeIncident(id, to);
    io.data({ incident: { id, ...to } });
    return exitCodes.done;
  };
