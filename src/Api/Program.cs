using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;

return await ServerRun.RunAsync(args, new ServerProgram("The server of GenAI Chats: durable chat sessions over gRPC.", ApiOptions.SectionName, static settings => ApiServer.Build(settings))
{
    Commands = static settings => ServerCommands.Create(settings, CommandConsole.Standard),
});
