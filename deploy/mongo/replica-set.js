// Health check of the one-node replica set: makes the set when there is none yet; healthy once this node is its primary.
try {
    rs.status();
} catch (error) {
    if (error.codeName !== "NotYetInitialized") {
        throw error;
    }
    rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
quit(db.hello().isWritablePrimary ? 0 : 1);
