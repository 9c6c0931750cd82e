using System.Diagnostics;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>Calls to measure: turns of the service, and the raw echo's calls that they are compared with.</summary>
internal static class Turns
{
    /// <summary>Twenty words: twenty chunks of model echo, twenty messages of the raw stream.</summary>
    public static readonly string Text = string.Join(' ', Enumerable.Range(0, 20).Select(i => $"word{i:00}"));

    public static Task<Func<Task<long>>> RawUnary(GrpcChannel channel)
    {
        var client = new Echo.EchoClient(channel);
        return Task.FromResult<Func<Task<long>>>(async () =>
        {
            await client.UnaryAsync(new EchoMessage { Text = Text });
            return Stopwatch.GetTimestamp();
        });
    }

    public static Task<Func<Task<long>>> RawStream(GrpcChannel channel)
    {
        var client = new Echo.EchoClient(channel);
        return Task.FromResult<Func<Task<long>>>(async () =>
        {
            using var call = client.Stream(new EchoMessage { Text = Text });
            var first = 0L;
            await foreach (var _ in call.ResponseStream.ReadAllAsync())
            {
                first = first == 0 ? Stopwatch.GetTimestamp() : first;
            }

            return first;
        });
    }

    public static async Task<Func<Task<long>>> Unary(GrpcChannel channel)
    {
        var client = new V1.Chats.ChatsClient(channel);
        var chat = await client.CreateChatAsync(new CreateChatRequest { Model = "echo" });
        return async () =>
        {
            await client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = Text });
            return Stopwatch.GetTimestamp();
        };
    }

    public static async Task<Func<Task<long>>> Stream(GrpcChannel channel)
    {
        var client = new V1.Chats.ChatsClient(channel);
        var chat = await client.CreateChatAsync(new CreateChatRequest { Model = "echo" });
        return () => StreamAsync(client, chat.Name);
    }

    /// <summary>A streaming turn; returns when its first chunk came.</summary>
    public static async Task<long> StreamAsync(V1.Chats.ChatsClient client, string chat)
    {
        using var call = client.SendMessageStream(new SendMessageRequest { Name = chat, Text = Text });
        var first = 0L;
        await foreach (var next in call.ResponseStream.ReadAllAsync())
        {
            first = first == 0 && next.EventCase == TurnEvent.EventOneofCase.Chunk ? Stopwatch.GetTimestamp() : first;
        }

        return first;
    }
}
