using GenAI.Chats.Api;

return await ChatsServer.RunAsync(args);
