namespace GenAI.Chats.Models;

/// <summary>A generative model. Implementations are stateless and support concurrent calls for any number of chats.</summary>
public interface IChatModel
{
    /// <summary>
    /// Rejects what <see cref="GenerateAsync"/> would reject without calling the model: unsupported fields and invalid combinations. The default
    /// implementation accepts everything. A model that wraps other models forwards the call.
    /// </summary>
    /// <param name="config">The effective configuration, or null.</param>
    /// <param name="contents">The contents of the turn.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT. The message starts with the name of the field.</exception>
    void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
    }

    /// <summary>
    /// Calls the model once. With <see cref="ModelRequest.Stream"/>, yields the responses as they arrive, otherwise exactly one. The sequence ends
    /// with the model's response, even if no finish reason arrived.
    /// </summary>
    /// <param name="request">The request. It isn't modified.</param>
    /// <param name="cancellationToken">A token that ends the call and closes the connection to the model immediately.</param>
    /// <returns>The responses in order. The caller owns them.</returns>
    /// <exception cref="ModelException">The call failed, possibly after some responses. Except for <see cref="OperationCanceledException"/> after a
    /// cancellation, the sequence throws nothing else.</exception>
    IAsyncEnumerable<GenerateContentResponse> GenerateAsync(ModelRequest request, CancellationToken cancellationToken);
}
