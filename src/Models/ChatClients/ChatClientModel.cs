using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Responses;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>A model that uses a client of the host.</summary>
internal sealed class ChatClientModel(IChatClient client, string provider, TimeSpan timeout, TimeProvider time) : IChatModel
{
    /// <inheritdoc/>
    public void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
        ChatClientMessages.Check(contents, provider);
        _ = ChatClientOptions.Of("", config, provider);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ownTimeout = CallDeadline.LimitOf(request.Config);
        var history = await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        var messages = ChatClientMessages.Of(history, request.Contents, provider);
        var options = ChatClientOptions.Of(request.Model, request.Config, provider);
        using var deadline = new CallDeadline(timeout, ownTimeout, time, cancellationToken);
        var responses = new ChatClientResponses(provider);
        if (!request.Stream)
        {
            var response = await GuardAsync(deadline, () => client.GetResponseAsync(messages, options, deadline.Token)).ConfigureAwait(false);
            var chunks = response.ToChatResponseUpdates().Select(responses.Read).OfType<GenerateContentResponse>().ToList();
            yield return ResponseMerger.Merge([.. chunks, responses.End()]);
            yield break;
        }

        var updates = await GuardAsync(
            deadline,
            () => Task.FromResult(new AbandonableSequence<ChatResponseUpdate>(
                client.GetStreamingResponseAsync(messages, options, deadline.Token), onContext: false, deadline.Token)))
            .ConfigureAwait(false);
        await using (updates.ConfigureAwait(false))
        {
            while (await GuardAsync(deadline, () => updates.MoveNextAsync().AsTask()).ConfigureAwait(false))
            {
                request.OnActivity?.Invoke();
                if (responses.Read(updates.Current) is { } chunk)
                {
                    yield return chunk;
                }
            }
        }

        yield return responses.End();
    }

    private static Task<T> GuardAsync<T>(CallDeadline deadline, Func<Task<T>> step) => deadline.GuardAsync(
        () => step().OrAbandonAsync(onContext: false, deadline.Token), failure => ChatClientErrors.Of(failure, deadline.Time.GetUtcNow()));
}
