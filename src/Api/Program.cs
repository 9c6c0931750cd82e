using GenAI.Chats.Api.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddChatSilo();
builder.AddChatsApi();

var app = builder.Build();
app.MapChatsApi();
app.Run();
