using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;

return ServerRun.Run(ApiOptions.SectionName, () => ApiServer.Build(args));
