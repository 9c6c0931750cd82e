using GenAI.Chats.Api.Hosting;
using Microsoft.Extensions.Options;

try
{
    // The settings beside the assembly count, whatever directory this was started in.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddChatSilo();
    builder.AddChatsApi();

    // Before the host starts, which would log what is wrong with a stack trace.
    var app = builder.Build();
    app.Services.GetService<IStartupValidator>()?.Validate();
    app.MapChatsApi();
    app.Run();
    return 0;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } explanation)
{
    Console.Error.WriteLine(explanation);
    return 1;
}
