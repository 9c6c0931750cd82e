using System.CommandLine;
using GenAI.Chats.Api;
using GenAI.Chats.Console;

const string Tool = "genai-chats";
const string Chat = "chat";

// The words after it can be a message, where the server's command line would find settings. The command is here for the help.
return args is [Chat, .. var arguments]
    ? await ChatProgram.RunAsync(arguments, $"{Tool} {Chat}", $"{Tool} --Models:Echo=true")
    : await ChatsServer.RunAsync(args, new Command(Chat, "Chats in the terminal with a running service."));
