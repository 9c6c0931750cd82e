using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.Tests.ChatClients;

/// <summary>A client of the host's that answers as the test has scripted, and keeps what it was asked.</summary>
internal sealed class ScriptedChatClient : IChatClient
{
    /// <summary>The updates of each answer.</summary>
    public List<ChatResponseUpdate> Updates { get; } = [];

    /// <summary>Thrown behind the updates.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Waits behind the updates until the call is cancelled.</summary>
    public bool Hangs { get; set; }

    /// <summary>Waits behind the updates, and doesn't care whether the call is cancelled.</summary>
    public Task? Ignores { get; set; }

    /// <summary>What the client was asked last.</summary>
    public (IReadOnlyList<ChatMessage> Messages, ChatOptions? Options) Asked { get; private set; }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Asked = ([.. messages], options);
        await Task.Yield();
        foreach (var update in Updates)
        {
            yield return update;
        }

        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        await (Ignores ?? Task.CompletedTask);
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
