using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;

return await ServerRun.RunAsync(
    args, ApiOptions.SectionName, static args => ApiServer.Build(args), () => ServerCommands.TryRunAsync(args, CommandConsole.Standard));
