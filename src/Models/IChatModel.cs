using GenAI.Chats.V1;

namespace GenAI.Chats.Models;

/// <summary>
/// A generative model, as a chat speaks to it: contents in, responses out. Implementations keep no state of a chat and
/// may be called for any number of chats at once.
/// </summary>
public interface IChatModel
{
    /// <summary>
    /// Says beforehand what <see cref="GenerateAsync"/> would refuse without asking the model: fields that it does not take, or that do not
    /// fit together. By default nothing is refused. A model that stands before others passes the question on.
    /// </summary>
    /// <param name="config">The configuration that would be in force; null for none.</param>
    /// <param name="contents">The turn's own contents.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT; the message starts with the field's name.</exception>
    void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
    }

    /// <summary>
    /// Calls the model once. With <see cref="ModelRequest.Stream"/> the responses come as the model yields them, else exactly one comes.
    /// The sequence ends when the model's answer has ended; whether a finish reason came is for the caller to see.
    /// </summary>
    /// <param name="request">What is sent. It is not changed.</param>
    /// <param name="cancellationToken">Ends the call and closes the connection to the model at once.</param>
    /// <returns>The responses in order. They belong to the caller.</returns>
    /// <exception cref="ModelException">The call failed, before or after some responses: the sequence throws nothing else,
    /// but for <see cref="OperationCanceledException"/> when <paramref name="cancellationToken"/> is cancelled.</exception>
    IAsyncEnumerable<GenerateContentResponse> GenerateAsync(ModelRequest request, CancellationToken cancellationToken);
}
