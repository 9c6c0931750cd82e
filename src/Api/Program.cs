using GenAI.Chats.Api.Hosting;

return await ChatsServer.RunAsync(args);
