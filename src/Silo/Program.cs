using GenAI.Chats.Silo.Hosting;

return ServerRun.Run(SiloServerOptions.SectionName, () => SiloServer.Build(args));
