// What Claude Code calls for the headers of a team's server (`headersHelper`), at each connection: so a token that was
// renewed counts at once, and it is in no environment that Claude's own commands would inherit.
import { headersFor, readDelivery } from './delivery.mjs';

try {
  console.log(JSON.stringify(headersFor(readDelivery(), process.env.CLAUDE_CODE_MCP_SERVER_URL)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
