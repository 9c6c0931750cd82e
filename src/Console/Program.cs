using GenAI.Chats.Console;

return await ChatProgram.RunAsync(args, command: "./chat", serverCommand: "./run").ConfigureAwait(false);
