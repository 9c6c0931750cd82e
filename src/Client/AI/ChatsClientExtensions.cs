using GenAI.Chats.Client;
using GenAI.Chats.Client.AI;

namespace Microsoft.Extensions.AI;

/// <summary>Adapts <see cref="ChatsClient"/> to Microsoft.Extensions.AI.</summary>
public static class ChatsClientExtensions
{
    /// <summary>Creates an <see cref="IChatClient"/> that keeps its conversations as chats of the service.</summary>
    /// <remarks>
    /// <para>A conversation ID is a chat ID. A call without a conversation ID creates a chat, with all messages before the last user message as its history, and
    /// returns the ID in the response. A call with a conversation ID sends its messages to that chat as one content, so pass only new messages, without those of
    /// the assistant. If you ignore the ID and pass all messages each time, responses are correct, but each call creates a chat.</para>
    /// <para>System messages become the system instruction of the chat, if the call creates it, or else of the turn. Options are merged into the chat's config
    /// for this call; <c>ModelId</c> sets the model of a chat that the call creates, or of the turn. <c>RawRepresentationFactory</c> can return a
    /// <see cref="GenAI.Chats.V1.GenerateContentConfig"/> to start from.</para>
    /// <para>Function calls of the model are returned as <c>FunctionCallContent</c>; <c>UseFunctionInvocation()</c> of Microsoft.Extensions.AI invokes them.</para>
    /// </remarks>
    /// <param name="chats">The client. It must not be disposed while the returned object is used.</param>
    /// <param name="model">The model of chats that it creates, such as <c>gemini-2.5-flash</c>.</param>
    /// <returns>A client that doesn't need to be disposed.</returns>
    public static IChatClient AsIChatClient(this ChatsClient chats, string model)
    {
        ArgumentNullException.ThrowIfNull(chats);
        ArgumentException.ThrowIfNullOrEmpty(model);
        return new DurableChatClient(chats, model);
    }
}
