/** The team's services as a stack, as its file names it: what a Swarm's services of it say that they belong to. */
export const teamStackName = 'claude-team';
