using GenAI.Chats.Silo.Hosting;

return await ServerRun.RunAsync(args, SiloServerOptions.Section, SiloServer.Build);
