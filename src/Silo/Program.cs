using GenAI.Chats.Silo.Hosting;

return await ServerRun.RunAsync(args, new ServerProgram("A silo of GenAI Chats: hosts chats, for front doors in other processes.", SiloServerOptions.SectionName, SiloServer.Build));
