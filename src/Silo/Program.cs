using GenAI.Chats.Silo.Hosting;

return await ServerRun.RunAsync(SiloServerOptions.SectionName, () => SiloServer.Build(args));
