using GenAI.Chats.Client.AI;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client;

/// <content>The client as one of Microsoft.Extensions.AI.</content>
public sealed partial class ChatsClient
{
    /// <summary>
    /// The chats behind the interface of Microsoft.Extensions.AI, for applications and middleware that are written for it.
    /// </summary>
    /// <remarks>
    /// <para>A chat's id is the conversation's id. A call without one creates a chat, of which the messages before the last word of the user are the
    /// history, and gives its id in the response. A call with one sends its messages to that chat, so they must be the new ones only, and none of the
    /// assistant's; several become one content. Whoever ignores the id and sends all messages each time gets right answers, and a chat for each call.</para>
    /// <para>Messages of the system become the chat's system instruction, if the call creates it, or else the turn's. Options count for the call, laid over the chat's config;
    /// <c>ModelId</c> counts for a chat that the call creates. <c>RawRepresentationFactory</c> may give a <see cref="V1.GenerateContentConfig"/> to begin with.</para>
    /// <para>Functions that the model asks for come as <c>FunctionCallContent</c>; <c>UseFunctionInvocation()</c> of Microsoft.Extensions.AI runs them.</para>
    /// </remarks>
    /// <param name="model">The model of chats that it creates, such as <c>gemini-2.5-flash</c>.</param>
    /// <returns>A client that needs no disposal and is of use as long as this object is.</returns>
    public IChatClient AsIChatClient(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        return new DurableChatClient(this, model, _channel is null ? null : _calls.Options.Address);
    }
}
