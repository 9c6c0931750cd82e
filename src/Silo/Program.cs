using GenAI.Chats.Silo.Hosting;

return await ServerRun.RunAsync(args, SiloServerOptions.SectionName, SiloServer.Build);
