// The service, its database, and a web application that chats. Needs Docker or Podman.
var builder = DistributedApplication.CreateBuilder(args);

var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("chatsdb");
var chats = builder.AddGenAIChats("chats")
    .WithDockerfile("../../..") // Builds the image from this repository.
    .WithPostgres(database)
    .WithEchoModel(); // For Gemini: .WithModel("gemini-*", "gemini", builder.AddParameter("gemini-key", secret: true))

builder.AddProject<Projects.Web>("web")
    .WithReference(chats)
    .WaitFor(chats)
    .WithExternalHttpEndpoints();

builder.Build().Run();
