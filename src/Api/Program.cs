using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;

return await ServerCommands.TryRunAsync(args, new CommandConsole(Console.Out, Console.Error))
    ?? ServerRun.Run(ApiOptions.SectionName, () => ApiServer.Build(args));
