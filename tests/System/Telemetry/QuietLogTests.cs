using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>The log has what operators need, and little else.</summary>
public sealed class QuietLogTests
{
    private const int Chats = 5;

    // From other log providers, a start logs the store that it opened.
    private const int MaxLines = 12;

    [Fact]
    public async Task Log_NothingFails_IsShort()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);

        for (var i = 0; i < Chats; i++)
        {
            var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
            await server.Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "Hello" });
        }

        Assert.Equal(0, await server.TerminateAsync());
        var printed = server.ToString().Split("printed:", 2)[1];
        Assert.DoesNotContain("Polly", printed, StringComparison.Ordinal);
        Assert.True(printed.Split('\n').Length <= MaxLines, printed);
    }

    [Fact]
    public async Task Log_ModelIsUnreachable_HasTheCauseAndTheIds()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(
            directory.Database,
            "--Models:Routes:0:Name=gone",
            "--Models:Routes:0:Provider=gemini",
            "--Models:Routes:0:BaseUrl=http://127.0.0.1:1/",
            "--Models:Routes:0:Key=secret-key",
            "--Models:Routes:0:Retry:MaxAttempts=1");
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = "gone" });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "Hello" }));

        Assert.Equal("The connection to the model failed: the connection was refused.", failure.Status.Detail);
        var turnId = failure.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Metadata["turn_id"];
        Assert.Equal(0, await server.TerminateAsync());
        var printed = server.ToString().Split("printed:", 2)[1];
        var chatId = chat.Name.Split('/')[1];
        Assert.Contains($"Turn {turnId} of chat {chatId} of tenant default failed: MODEL_UNAVAILABLE.", printed, StringComparison.Ordinal);
        Assert.Contains($"can't be used (MODEL_UNAVAILABLE): the connection was refused. Chat: {chatId}.", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("Hello", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key", printed, StringComparison.Ordinal);
    }
}
