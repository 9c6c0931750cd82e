global using GenAI.Chats.Client;
global using GenAI.Chats.V1;
global using Spectre.Console;
